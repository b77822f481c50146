// What Swift needs of libcurl: its header. The variadic functions get a shim per kind of argument here.
#pragma once
#include <curl/curl.h>
