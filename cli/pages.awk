# pages.awk - doc/errors/*.md -> pages.c: every page as a C string.
BEGIN {
	print "/* made by cli/pages.awk from doc/errors: do not edit */"
	print "#include \"cli/pages.h\"\n"
	print "const struct page pages[] = {"
}
FNR == 1 {
	if (NR > 1)
		print "\t},"
	code = FILENAME
	sub(/^.*\//, "", code)
	sub(/\.md$/, "", code)
	printf "\t{ \"%s\",\n", code
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
