"""dev: this machine, demonstration people; test: the tests; prod: a real installation. All start from base."""
