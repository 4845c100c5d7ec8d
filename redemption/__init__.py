"""The love supermarket (爱心超市): shops, goods, stock, the till; and the demo village, which uses every floor below."""
