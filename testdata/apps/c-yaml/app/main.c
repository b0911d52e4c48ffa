/* Prints its word in capitals, and which libyaml it is linked to. */
#include <stdio.h>
#include <yaml.h>

void shout(char *text);

int main(int argc, char **argv)
{
	int major, minor, patch;

	yaml_get_version(&major, &minor, &patch);
	if (argc > 1)
		shout(argv[1]);
	printf("%s, libyaml %d.%d\n", argc > 1 ? argv[1] : "", major, minor);
	return 0;
}
