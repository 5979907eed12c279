"""The whole story, played offline on an embedded provider."""
