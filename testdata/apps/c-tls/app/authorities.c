/* Says whether OpenSSL has authorities to trust. */
#include <openssl/ssl.h>
#include <stdio.h>

int main(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file("/etc/ssl/certs/ca-certificates.crt");

	if (!context || SSL_CTX_set_default_verify_paths(context) != 1 || sk_X509_NAME_num(names) < 50) {
		puts("no authorities");
		return 1;
	}
	puts("it trusts the authorities");
	return 0;
}
