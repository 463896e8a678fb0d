"""Engines that run over many machines, each in one file over the same units of work."""
