"""What a text says: its sentences, words, figures, denials, language and layout."""
