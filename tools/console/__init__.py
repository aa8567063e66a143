"""Builds, checks and tests the web console, with whatever Node can be had."""
