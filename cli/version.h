/* version.h - the program's version, in one place. */
#ifndef WEFT_CLI_VERSION_H
#define WEFT_CLI_VERSION_H

#define WEFT_VERSION "0.1.0"

#endif
