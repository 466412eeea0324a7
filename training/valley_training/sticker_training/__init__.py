"""Training on the sticker world: clips drawn while the model learns, by the clock of a machine that is lent in pieces."""
