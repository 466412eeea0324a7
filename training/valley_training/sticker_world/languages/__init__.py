"""Four languages: nouns in grammar.py, sentences in one YAML a language, speech.py joins them."""
