#include <stdio.h>

int counting_sum(int n);

int main(void) {
    printf("1 + ... + 100 = %d\n", counting_sum(100));
    return 0;
}
