/* temp.c - see temp.h. */
#include "runtime/temp.h"

#include <string.h>

bool gone_digest(const struct history *h, const char *name, struct digest *d, struct rec_who *who)
{
	struct rec_who maker;
	struct rec_done done;
	struct rec_out o;

	if (!h || !history_maker(h, name, &maker) || !history_done(h, maker.task, maker.key, &done))
		return false;
	for (const unsigned char *at = done.outs; rec_out_next(&done, &at, &o);)
		if (o.temp && strcmp(o.path, name) == 0) {
			*d = o.digest;
			if (who)
				*who = maker;
			return true;
		}
	return false;
}
