"""Promises of the whole project: who may open what, what every action writes, how the house is built."""
