/* A library of the program's own. */
#include <ctype.h>

void shout(char *text)
{
	for (; *text; text++)
		*text = toupper((unsigned char)*text);
}
