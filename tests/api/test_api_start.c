/* What countersignd is told and what it finds: configuration, secrets, state folder, sockets. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/temp.h"
#include "config.h"
#include "countersign/types.h"
#include "http/server.h"
#include "service/secret.h"
#include "state.h"

static char why[256];

static int setup(void **state)
{
    (void)state;
    temp_folder();
    why[0] = '\0';
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temp_remove();
    return 0;
}

/* --- configuration --- */

#define READ(...)                                                                                  \
    csigd_config_is_read(&c, (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),        \
                         (char **)(uintptr_t)(const char *[]){__VA_ARGS__}, why, sizeof why)

static void a_whole_configuration_is_read(void **state)
{
    csigd_config c;

    (void)state;
    assert_true(READ("countersignd", "--state", "d", "--socket", "s", "--listen", "127.0.0.1:1",
                     "--key-file", "k", "--workers", "3"));
    assert_string_equal(c.state, "d");
    assert_string_equal(c.socket, "s");
    assert_string_equal(c.listen, "127.0.0.1:1");
    assert_string_equal(c.key_file, "k");
    assert_int_equal(c.workers, 3);
    assert_int_equal(c.passphrase_fd, -1);
    assert_true(READ("countersignd", "--state", "d", "--passphrase-fd", "0"));
    assert_int_equal(c.passphrase_fd, 0);
    assert_int_equal(c.client_seconds, 60);
    assert_int_equal(c.key_limit, 6000);
    assert_int_equal(c.wallet_limit, 600);
    assert_int_equal(c.address_limit, 600);
    assert_int_equal(c.address_connections, 256);
    assert_true(READ("countersignd", "--state", "d", "--key-limit", "1", "--wallet-limit",
                     "1000000", "--address-limit", "7", "--address-connections", "512"));
    assert_int_equal(c.key_limit, 1);
    assert_int_equal(c.wallet_limit, 1000000);
    assert_int_equal(c.address_limit, 7);
    assert_int_equal(c.address_connections, 512);
    assert_null(c.tls_cert);
    assert_true(READ("countersignd", "--state", "d", "--listen", "127.0.0.1:1", "--tls-cert", "c",
                     "--tls-key", "k", "--tls-client-ca", "a", "--client-seconds", "3600"));
    assert_string_equal(c.tls_cert, "c");
    assert_string_equal(c.tls_key, "k");
    assert_string_equal(c.tls_client_ca, "a");
    assert_int_equal(c.client_seconds, 3600);
    assert_true(READ("countersignd", "--help"));
    assert_true(c.help);
    assert_true(READ("countersignd", "--version"));
    assert_true(c.version);
}

static void wrong_configurations_are_named(void **state)
{
    csigd_config c;

    (void)state;
    assert_false(READ("countersignd"));
    assert_non_null(strstr(why, "--state"));
    assert_false(READ("countersignd", "--state"));
    assert_false(READ("countersignd", "--state", ""));
    assert_false(READ("countersignd", "--state", "a", "--state", "b"));
    assert_false(READ("countersignd", "--state", "a", "--nonsense", "b"));
    assert_non_null(strstr(why, "--nonsense"));
    assert_false(READ("countersignd", "a"));
    assert_false(READ("countersignd", "--state", "a", "--workers", "0"));
    assert_false(READ("countersignd", "--state", "a", "--workers", "257"));
    assert_false(READ("countersignd", "--state", "a", "--workers", "2x"));
    assert_false(READ("countersignd", "--state", "a", "--key-limit", "0"));
    assert_false(READ("countersignd", "--state", "a", "--wallet-limit", "1000001"));
    assert_false(READ("countersignd", "--state", "a", "--address-limit", "-1"));
    assert_false(READ("countersignd", "--state", "a", "--address-connections", "513"));
    assert_false(READ("countersignd", "--state", "a", "--client-seconds", "0"));
    assert_false(READ("countersignd", "--state", "a", "--client-seconds", "3601"));
    assert_false(READ("countersignd", "--state", "a", "--listen", "l", "--tls-cert", "c"));
    assert_false(READ("countersignd", "--state", "a", "--listen", "l", "--tls-key", "k"));
    assert_non_null(strstr(why, "go together"));
    assert_false(READ("countersignd", "--state", "a", "--tls-cert", "c", "--tls-key", "k"));
    assert_non_null(strstr(why, "--listen"));
    assert_false(READ("countersignd", "--state", "a", "--listen", "l", "--tls-client-ca", "c"));
    assert_non_null(strstr(why, "--tls-client-ca"));
    assert_false(READ("countersignd", "--state", "a", "--passphrase-fd", "-1"));
    assert_false(READ("countersignd", "--state", "a", "--key-file", "k", "--passphrase-fd", "3"));
    assert_non_null(strstr(why, "one of"));
    assert_false(READ("countersignd", "--state", "a", "--key-file", "k", "--passphrase-file", "p"));
}

/* --- secrets --- */

static void a_passphrase_file_loses_one_newline(void **state)
{
    csigd_secret s;

    (void)state;
    temp_write("p", "word\n\n", 6, 0600);
    assert_true(csigd_secret_is_from_file(&s, temp_path("p"), why, sizeof why));
    assert_int_equal(s.len, 5);
    assert_memory_equal(s.bytes, "word\n", 5);
    assert_int_equal(s.kind, CSIGD_PASSPHRASE);
    csigd_secret_free(&s);
    assert_null(s.bytes);
}

static void refused_from_file(const char *name, const char *word)
{
    csigd_secret s;

    why[0] = '\0';
    assert_false(csigd_secret_is_from_file(&s, temp_path(name), why, sizeof why));
    assert_null(s.bytes);
    if (strstr(why, word) == NULL) fail_msg("%s: %s", word, why);
}

static void passphrase_files_that_are_no_good(void **state)
{
    static char long_words[2000];

    (void)state;
    refused_from_file("none", "cannot open");
    temp_write("open", "word", 4, 0644);
    refused_from_file("open", "chmod 600");
    temp_write("empty", "\n", 1, 0600);
    refused_from_file("empty", "empty");
    memset(long_words, 'a', sizeof long_words);
    temp_write("long", long_words, sizeof long_words, 0600);
    refused_from_file("long", "too long");
    assert_int_equal(mkdir(temp_path("folder"), 0700), 0);
    refused_from_file("folder", "regular");
    rmdir(temp_path("folder"));
    /* Nobody writes into this one: waiting would be for ever. */
    assert_int_equal(mkfifo(temp_path("pipe"), 0600), 0);
    refused_from_file("pipe", "regular");
    if (geteuid() != 0) return;
    temp_write("other", "word", 4, 0600);
    assert_int_equal(chown(temp_path("other"), 12345, 12345), 0);
    refused_from_file("other", "another user");
}

static void a_key_file_has_32_octets(void **state)
{
    static const char octets[33] = "0123456789abcdef0123456789abcdef";
    csigd_secret s;

    (void)state;
    for (size_t len = 31; len <= 33; len++) {
        temp_write("k", octets, len, 0600);
        assert_int_equal(csigd_secret_is_from_key_file(&s, temp_path("k"), why, sizeof why),
                         len == 32);
        if (len != 32) continue;
        assert_memory_equal(s.bytes, octets, 32);
        csigd_secret_free(&s);
    }
    temp_write("k", octets, 32, 0640);
    assert_false(csigd_secret_is_from_key_file(&s, temp_path("k"), why, sizeof why));
}

static void a_descriptor_is_read_to_its_end(void **state)
{
    csigd_secret s;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "from a pipe\n", 12), 12);
    close(ends[1]);
    assert_true(csigd_secret_is_from_fd(&s, ends[0], why, sizeof why));
    assert_int_equal(s.len, 11);
    csigd_secret_free(&s);
    assert_false(csigd_secret_is_from_fd(&s, ends[0], why, sizeof why));
    close(ends[0]);
    assert_false(csigd_secret_is_from_fd(&s, ends[0], why, sizeof why));
}

/* --- the state folder --- */

static void the_state_folder_is_private_and_of_one_process(void **state)
{
    const char *folder = temp_path("state");
    struct stat st;
    int first;

    (void)state;
    first = csigd_state_open(folder, why, sizeof why);
    assert_true(first >= 0);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(csigd_state_open(folder, why, sizeof why), -1);
    assert_non_null(strstr(why, "another countersignd"));
    close(first);
    assert_int_equal(chmod(folder, 0750), 0);
    assert_int_equal(csigd_state_open(folder, why, sizeof why), -1);
    assert_non_null(strstr(why, "chmod 700"));
    assert_int_equal(csigd_state_open(temp_path("no/such"), why, sizeof why), -1);
    temp_write("file", "", 0, 0600);
    assert_int_equal(csigd_state_open(temp_path("file"), why, sizeof why), -1);
    unlink(temp_path("state/lock"));
    rmdir(folder);
}

/* --- sockets --- */

static void a_socket_is_private_and_replaces_a_dead_one(void **state)
{
    const char *path = temp_path("sock");
    struct stat st;
    int first, second;

    (void)state;
    first = csigd_listen_unix(path, why, sizeof why);
    assert_true(first >= 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(csigd_listen_unix(path, why, sizeof why), -1);
    assert_non_null(strstr(why, "already"));
    close(first);
    second = csigd_listen_unix(path, why, sizeof why);
    assert_true(second >= 0);
    close(second);
    unlink(path);
    temp_write("sock", "not a socket", 12, 0600);
    assert_int_equal(csigd_listen_unix(path, why, sizeof why), -1);
    assert_int_equal(
        csigd_listen_unix("/x/0123456789012345678901234567890123456789012345678901234567"
                          "8901234567890123456789012345678901234567890123456789",
                          why, sizeof why),
        -1);
    assert_non_null(strstr(why, "longer"));
}

static void only_loopback_addresses_are_taken(void **state)
{
    static const char *const bad[] = {
        "0.0.0.0:8441",
        "192.168.0.1:8441",
        "[::]:8441",
        "[2001:db8::1]:8441",
        "8.8.8.8:1",
        "localhost:80",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:8x",
        ":8441",
        "::1:8441",
        "[127.0.0.1]:8441",
        "127.1:8441",
        "[]:8441",
        "",
        "127.0.0.1:+80",
        "128.0.0.1:8441",
        "[::ffff:127.0.0.1]:1",
    };
    int fd = -1;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (csigd_listen_tcp(bad[i], false, why, sizeof why) != -1) fail_msg("taken: %s", bad[i]);
    }
    for (int port = 20000; port < 20100 && fd < 0; port++) {
        char address[32];

        snprintf(address, sizeof address, "127.0.0.1:%d", port);
        fd = csigd_listen_tcp(address, false, why, sizeof why);
        if (fd < 0) continue;
        close(fd);
        snprintf(address, sizeof address, "0.0.0.0:%d", port);
        fd = csigd_listen_tcp(address, true, why, sizeof why);
        assert_true(fd >= 0);
        assert_int_equal(csigd_listen_tcp(address, true, why, sizeof why), -1);
        assert_non_null(strstr(why, "cannot listen"));
    }
    assert_true(fd >= 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_configuration_is_read),
        cmocka_unit_test(wrong_configurations_are_named),
        cmocka_unit_test_setup_teardown(a_passphrase_file_loses_one_newline, setup, teardown),
        cmocka_unit_test_setup_teardown(passphrase_files_that_are_no_good, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_file_has_32_octets, setup, teardown),
        cmocka_unit_test_setup_teardown(a_descriptor_is_read_to_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(the_state_folder_is_private_and_of_one_process, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_socket_is_private_and_replaces_a_dead_one, setup,
                                        teardown),
        cmocka_unit_test(only_loopback_addresses_are_taken),
    };

    return csig_init() == CSIG_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
