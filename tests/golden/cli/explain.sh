# explain: by code, by name, in any case; the list has every page
weft explain E1001 | head -n 3
weft explain e1001 | head -n 1
weft explain unknown-target | head -n 1
weft explain R101 | head -n 1
weft explain | awk '{print $1}' | sort -c && echo sorted
weft explain E1001 W0891 | grep -c '^[EW][0-9]*:'
