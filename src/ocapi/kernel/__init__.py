"""Ten Django apps every module may use; their order, bottom up, stands in `.importlinter` contract 8."""
