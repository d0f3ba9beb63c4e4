"""The head in the picture: mesh, grid, warp and turning."""
