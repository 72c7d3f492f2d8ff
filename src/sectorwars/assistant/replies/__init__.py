"""Answers in sentences, a module for each subject."""
