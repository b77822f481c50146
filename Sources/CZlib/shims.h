// What Swift needs of zlib: its header. Functions that are macros get a shim here.
#pragma once
#include <zlib.h>
