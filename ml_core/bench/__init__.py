"""Measured from the command line: accuracy beside other recipes, and speed."""
