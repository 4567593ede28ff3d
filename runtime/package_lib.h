/* package_lib.h - libarchive and OpenSSL, loaded when first needed: linking them would cost every start of weft. */
#ifndef WEFT_RUNTIME_PACKAGE_LIB_H
#define WEFT_RUNTIME_PACKAGE_LIB_H

#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdbool.h>

/* F(name): one function of the library, the same name in the table. */
#define LIBARCHIVE(F) \
	F(archive_read_new) F(archive_read_free) F(archive_read_support_filter_all) F(archive_read_support_format_all) \
	F(archive_read_open_fd) F(archive_read_next_header) F(archive_read_data_block) F(archive_error_string) \
	F(archive_write_new) F(archive_write_free) F(archive_write_add_filter_gzip) F(archive_write_set_format_pax_restricted) \
	F(archive_write_set_options) F(archive_write_open_fd) F(archive_write_header) F(archive_write_data) F(archive_write_close) \
	F(archive_entry_new) F(archive_entry_free) F(archive_entry_clear) F(archive_entry_pathname) F(archive_entry_hardlink) \
	F(archive_entry_symlink) F(archive_entry_filetype) F(archive_entry_perm) F(archive_entry_set_pathname) \
	F(archive_entry_set_size) F(archive_entry_set_filetype) F(archive_entry_set_perm) F(archive_entry_set_mtime) \
	F(archive_entry_set_uid) F(archive_entry_set_gid) F(archive_entry_set_symlink)
#define LIBCRYPTO(F) \
	F(EVP_MD_CTX_new) F(EVP_MD_CTX_free) F(EVP_sha256) F(EVP_DigestInit_ex) F(EVP_DigestUpdate) F(EVP_DigestFinal_ex) \
	F(EVP_sha1) F(HMAC) F(EVP_EncodeBlock)

struct lib_archive {
#define F(name) __typeof__(&name) name;
	LIBARCHIVE(F)
#undef F
};
struct lib_crypto {
#define F(name) __typeof__(&name) name;
	LIBCRYPTO(F)
#undef F
};

/* NULL, and *why, when the library is not there. */
const struct lib_archive *lib_archive(const char **why);
const struct lib_crypto *lib_crypto(const char **why);

#endif
