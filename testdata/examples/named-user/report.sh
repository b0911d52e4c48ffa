#!/bin/bash
# Prints what is in stock, a line for each article.
cd /app && sort stock.csv
