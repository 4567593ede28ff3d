/* ossname.c - see ossname.h. */
#include "job/ossname.h"

#include "base/intl.h"
#include "base/source.h"

#include <string.h>

const char *oss_bucket_fault(const char *s, size_t n)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	for (size_t i = 0; i < n; i++)
		if (!s[i] || !strchr(legal, s[i]))
			return N_("only small letters, digits and `-` are allowed");
	if (s[0] == '-' || s[n - 1] == '-')
		return N_("`-` stands at an end");
	return n > 63 ? N_("it is longer than 63 characters") : NULL;
}

const char *oss_key_forbidden(const char *key)
{
	return strpbrk(key, "\\:*?\"<>|\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023\024\025\026\027"
		"\030\031\032\033\034\035\036\037\177");
}

static bool is_utf8(const char *s, size_t n)
{
	while (n) {
		size_t k = utf8_len((const unsigned char *)s, n);

		if (!k)
			return false;
		s += k;
		n -= k;
	}
	return true;
}

static const char *name_fault(const char *s, size_t n)
{
	if (n == 0)
		return N_("a name in it is empty");
	if (n > OSS_NAME_MOST)
		return N_("a name in it is longer than 255 bytes");
	if (s[0] == '.' && (n == 1 || (n == 2 && s[1] == '.')))
		return N_("a name in it is `.` or `..`");
	return NULL;
}

const char *oss_key_fault(const char *key)
{
	size_t n = strlen(key);
	const char *bad = oss_key_forbidden(key), *why;

	if (bad && ((unsigned char)*bad < 0x20 || *bad == 0x7f))
		return N_("it holds a control character");
	if (bad)
		return N_("it holds one of \\ : * ? \" < > |");
	if (!is_utf8(key, n))
		return N_("it is not UTF-8");
	if (n > OSS_KEY_MOST)
		return N_("it is longer than 1023 bytes");
	for (const char *p = key; *p; p += n + (p[n] == '/')) {
		n = strcspn(p, "/");
		why = name_fault(p, n);
		if (why)
			return why;
	}
	return NULL;
}
