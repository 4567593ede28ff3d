/* version.h - the program's version, in one place. */
#ifndef WEFT_BASE_VERSION_H
#define WEFT_BASE_VERSION_H

#define WEFT_VERSION "0.1.0"

#endif
