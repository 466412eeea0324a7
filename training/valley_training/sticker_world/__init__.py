"""The big drawn world: some 690 things by name, scenes with shots, cameras and events, told of in four languages."""
