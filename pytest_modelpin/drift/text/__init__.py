"""What a text says: its sentences, words, denials, language and layout."""
