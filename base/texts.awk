# texts.awk - files -> an array of their names (a page's without .md) and contents as C strings.
#   awk -v header=cli/pages.h -v type='struct page' -v array=pages -f texts.awk FILE...
BEGIN {
	print "/* made by base/texts.awk: do not edit */"
	print "#include \"" header "\"\n"
	print "const " type " " array "[] = {"
}
FNR == 1 {
	if (NR > 1)
		print "\t},"
	name = FILENAME
	sub(/^.*\//, "", name)
	sub(/\.md$/, "", name)
	printf "\t{ \"%s\",\n", name
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	gsub(/\?/, "\\?")
	gsub(/\t/, "\\t")
	gsub(/\r/, "\\r")
	printf "\t  \"%s\\n\"\n", $0
}
END {
	if (NR)
		print "\t},"
	print "\t{ 0, 0 }\n};"
}
