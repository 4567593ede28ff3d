/* test_mapforms.c - every mount form of the reference, d.7. */
#include "base/buf.h"
#include "lang/mapforms.h"
#include "tests/unit/tap.h"

static struct names *names;

/* "M from > to ro", joined by " | " for several; "error: ..." when one is wrong. */
static void forms(enum map_kind key, const char *s, const char *want)
{
	struct buf b;
	size_t pos = 0;
	struct mapform_part item;
	struct mapform f;

	buf_init(&b, 10000);
	while (mapform_next(s, strlen(s), &pos, &item)) {
		if (b.len)
			buf_adds(&b, " | ");
		if (mapform_parse(key, s, item, &f))
			buf_addf(&b, "%c %s > %s%s", "MIOL"[f.kind], name_str(names, mapform_from(&f, s, names)),
				name_str(names, mapform_to(&f, s, names)), f.kind != MAP_MOUNT ? "" : f.write ? " rw" : " ro");
		else
			buf_addf(&b, "error: %s", f.why);
	}
	is_str(buf_str(&b), want);
	buf_free(&b);
}

int main(void)
{
	names = names_new();
	forms(MAP_INPUT, "oss://b/d/:/home/input", "M oss://b/d/ > /home/input ro");
	forms(MAP_INPUT, "oss://b/d/:/home/input:true", "M oss://b/d/ > /home/input rw");
	forms(MAP_MOUNT, "oss://b/d/:/home/input/", "M oss://b/d/ > /home/input/ rw");
	forms(MAP_MOUNT, "oss://b/f:/home/f", "M oss://b/f > /home/f ro");
	forms(MAP_MOUNT, "oss://b/d/:/home/d:false", "M oss://b/d/ > /home/d ro");
	forms(MAP_MOUNT, "oss://b/f:/home/f:TRUE", "M oss://b/f > /home/f rw");
	forms(MAP_MOUNT, "/home/d:oss://b/d/", "M oss://b/d/ > /home/d rw");
	forms(MAP_MOUNT, "/home/d:oss://b/d/:false", "M oss://b/d/ > /home/d ro");
	forms(MAP_MOUNT, "nas://h.nas.aliyuncs.com:/p/:/mnt/", "M nas://h.nas.aliyuncs.com:/p/ > /mnt/ rw");
	forms(MAP_MOUNT, "nas://h:/p!:/mnt", "M nas://h:/p! > /mnt ro");
	forms(MAP_MOUNT, "/mnt:nas://h:/p/", "M nas://h:/p/ > /mnt rw");
	forms(MAP_OUTPUT, "oss://b/o/:/home/o/", "O /home/o/ > oss://b/o/");
	forms(MAP_OUTPUT, "/home/o:oss://b/o/", "O /home/o > oss://b/o/");
	forms(MAP_LOG, "oss://b/logs/:/home/a.log", "L /home/a.log > oss://b/logs/");
	forms(MAP_INPUT, "oss://b/a:b/:::/home/x:y", "M oss://b/a:b/ > /home/x:y ro");
	forms(MAP_MOUNT, "oss://b/a:b:::/home/x:y:::true", "M oss://b/a:b > /home/x:y rw");
	forms(MAP_MOUNT, "/home/x:y:::oss://b/a:b", "M oss://b/a:b > /home/x:y ro");
	forms(MAP_MOUNT, "oss://b/d/:D", "M oss://b/d/ > D: rw");
	forms(MAP_MOUNT, "oss://b/d/:D:", "M oss://b/d/ > D: rw");
	forms(MAP_MOUNT, "oss://b/d/:D:\\x\\y", "M oss://b/d/ > D:\\x\\y rw");
	forms(MAP_MOUNT, "D:oss://b/d/", "M oss://b/d/ > D: rw");
	forms(MAP_MOUNT, "D::oss://b/d/", "M oss://b/d/ > D: rw");
	forms(MAP_MOUNT, "oss://a/1/:/x , oss://a/2:/y:true,,", "M oss://a/1/ > /x rw | M oss://a/2 > /y rw");
	forms(MAP_INPUT, "", "");
	forms(MAP_INPUT, " , ", "");
	forms(MAP_INPUT, "oss://b/d/", "error: it says no place in the machine");
	forms(MAP_INPUT, "oss://b/d/:", "error: it says no place in the machine");
	forms(MAP_INPUT, "/a:/b", "error: it names no storage");
	forms(MAP_OUTPUT, "a:b", "error: it names no storage");
	forms(MAP_INPUT, "x", "error: it names no storage");
	forms(MAP_INPUT, "oss://:/x", "error: the storage has no bucket or host");
	forms(MAP_INPUT, "::::::", "error: it names no storage");
	forms(MAP_INPUT, "oss://b/d/:::", "error: it says no place in the machine");
	forms(MAP_INPUT, ":true", "error: it names no storage");
	forms(MAP_INPUT, "oss://b/目录/:/home/输入", "M oss://b/目录/ > /home/输入 ro");
	names_free(names);
	return tap_end();
}
