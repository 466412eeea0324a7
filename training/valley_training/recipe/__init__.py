"""The recipe for real data: rows of images, videos and text, pretrained parts, many processes."""
