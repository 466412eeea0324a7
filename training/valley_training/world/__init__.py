"""The synthetic world of moving stickers: scenes are described first and drawn second."""
