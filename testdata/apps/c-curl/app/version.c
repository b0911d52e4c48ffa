/* Prints the version of the libcurl that it is linked to. */
#include <curl/curl.h>
#include <stdio.h>

int main(void)
{
	puts(curl_version_info(CURLVERSION_NOW)->version);
	return 0;
}
