/* intl.h - messages in the user's language, from gettext catalogues.
 *
 * A message is written in English where it is made; tr gives it in the language that LC_ALL, LC_MESSAGES or LANG
 * chooses.  Until intl_open was called, and in the locale C, everything stays English: so what machines read (JSON,
 * SARIF) is never translated, and no catalogue is looked for before the first message. */
#ifndef WEFT_BASE_INTL_H
#define WEFT_BASE_INTL_H

#include <stdbool.h>

/* A part of a message: _() translates it, N_() only marks it for the catalogue (a table, one of two formats). */
#define _(text) tr(text)
#define N_(text) (text)

/* From now on translate, with the catalogues below dir (an absolute path; dir/zh_CN/LC_MESSAGES/weft.mo). */
void intl_open(const char *dir);
/* Does the environment choose another language than English? */
bool intl_wanted(void);
/* The message in the user's language, or as it is. */
const char *tr(const char *text) __attribute__((format_arg(1)));

#endif
