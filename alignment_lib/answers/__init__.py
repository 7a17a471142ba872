"""Answers: one question a module, its figures, sentence, table and chart, for every face."""
