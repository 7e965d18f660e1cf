# SPDX-License-Identifier: GPL-2.0-or-later
# What plain openssl signed on another machine is accepted, unless over SHA-1.
ready
exits "a signature over SHA-1 is refused" 6 load /keys/sha1.dmp
said "as such" "weaker than SHA-256"
is "and nothing is in force" "0" "$(status '.policies | length')"
exits "devmemctl verifies it" 0 devmemctl policy verify /keys/openssl.dmp --cert /keys/cert.pem
exits "the kernel accepts it" 0 load /keys/openssl.dmp
matches "and has its rule" "$DMP_CLAIM" "$(devmemctl -j rules)"
