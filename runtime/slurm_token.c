/* slurm_token.c - the claims of a JSON web token (RFC 7519): HEADER.CLAIMS.SIGNATURE, each base64url. */
#include "runtime/slurm_token.h"

#include <jansson.h>
#include <string.h>

/* Bytes of base64url text without padding (RFC 4648, 5); NULL: it is none. */
static char *unbase64(struct arena *a, const char *s, size_t n, size_t *len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *out = arena_alloc(a, n + 1);
	uint32_t bits = 0, have = 0;

	*len = 0;
	for (size_t i = 0; i < n; i++) {
		const char *p = s[i] ? strchr(digit, s[i]) : NULL;

		if (!p)
			return NULL;
		bits = bits << 6 | (uint32_t)(p - digit);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[(*len)++] = (char)(bits >> have & 0xff);
		}
	}
	return out;
}

bool slurm_token_read(struct arena *a, const char *token, const char **user, int64_t *until)
{
	const char *claims = strchr(token, '.'), *end = claims ? strchr(claims + 1, '.') : NULL, *name_of_user;
	size_t n = 0;
	char *text = end ? unbase64(a, claims + 1, (size_t)(end - claims - 1), &n) : NULL;
	json_t *o = text ? json_loadb(text, n, 0, NULL) : NULL;
	bool ok = json_is_object(o);

	name_of_user = json_string_value(json_object_get(o, "sun"));
	if (!name_of_user)
		name_of_user = json_string_value(json_object_get(o, "username"));
	*user = arena_strdup(a, name_of_user ? name_of_user : "");
	*until = json_integer_value(json_object_get(o, "exp"));
	json_decref(o);
	return ok;
}
