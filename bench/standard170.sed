# The standard model of the benchmark is the capped reference without the set `product`: all cells are alike, and open
# to complement as thawed ones are.  Applied to each model file.
/^  product  = \[/d
/^  product_share = {/,/^      source/d
/^  thaw_sensitivity = {/,/^      source/d
/^  complement_sensitivity = {/,/^      source/c\
  complement_sensitivity = { unit = "1"; value = 2.9; };
s/"clone", "product"/"clone"/g
s/over = \["product"\];//
s/, "product_share"//g
s/ \* product_share\[product\]//g
s/clone, product:/clone:/g
s/\[clone,product\]/[clone]/g
s/,clone,product\]/,clone]/g
s/,clone,cultured\]/,clone]/g
s/\[product\]//g
