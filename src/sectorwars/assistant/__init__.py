"""ARIA's mind: a grammar of questions, typed tools to look things up, answers that are grounded."""
