# SPDX-License-Identifier: GPL-2.0-or-later
# What plain openssl signed on another machine is accepted.
ready
exits "devmemctl verifies it" 0 devmemctl policy verify /keys/openssl.dmp --cert /keys/cert.pem
exits "the kernel accepts it" 0 load /keys/openssl.dmp
matches "and has its rule" "0x1e000000" "$(devmemctl -j rules)"
