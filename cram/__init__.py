"""Assessing and reviewing risk on a case: the Child Risk Assessment Matrix."""
