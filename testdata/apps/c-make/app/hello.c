/* Prints its greeting and the version of the zlib that it is linked to. */
#include <stdio.h>
#include <zlib.h>

int main(void)
{
	char line[80];
	FILE *f = fopen("/opt/hello/share/hello.txt", "r");

	if (!f || !fgets(line, sizeof line, f))
		return 1;
	printf("%szlib %s\n", line, zlibVersion());
	return 0;
}
