/* Where this service calls: URLs taken apart, and addresses that are not called. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "api/temp.h"
#include "net/address.h"
#include "net/url.h"

static void urls_are_taken_apart(void **state)
{
    static const struct {
        const char *url, *scheme, *authority, *target;
    } good[] = {
        {"https://example.org", "https", "example.org", "/"},
        {"https://Example.ORG:443/a/B?c=D", "https", "example.org", "/a/B?c=D"},
        {"https://example.org:444?x", "https", "example.org:444", "/?x"},
        {"http://localhost:80/", "http", "localhost", "/"},
        {"http://127.0.0.1:443/", "http", "127.0.0.1:443", "/"},
        {"https://[2001:DB8::1]:8443/%20", "https", "[2001:db8::1]:8443", "/%20"},
        {"https://a-b.c-d/~!$&'()*+,;=:@", "https", "a-b.c-d", "/~!$&'()*+,;=:@"},
    };
    csigd_url url;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(csigd_url_is_read(&url, good[i].url));
        assert_string_equal(url.scheme, good[i].scheme);
        assert_string_equal(url.authority, good[i].authority);
        assert_string_equal(url.target, good[i].target);
    }
}

static void odd_urls_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "example.org",
        "HTTPS://example.org",
        "ftp://example.org",
        "https:/example.org",
        "https://",
        "https:///a",
        "https://.example.org",
        "https://example..org",
        "https://example.org.",
        "https://user@example.org",
        "https://user:word@example.org",
        "https://example.org#a",
        "https://example.org/#a",
        "https://example.org/a b",
        "https://example.org/\\",
        "https://example.org/\n",
        "https://example.org/\x7f",
        "https://example.org/\xc3\xa4",
        "https://ex%61mple.org/",
        "https://example.org:",
        "https://example.org:0",
        "https://example.org:08",
        "https://example.org:65536",
        "https://example.org:1a",
        "https://[::1",
        "https://[]/",
        "https://[::1]x/",
        "https://[fe80::1%25eth0]/",
    };
    char text[CSIGD_URL_MAX + 2];
    csigd_url url;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (csigd_url_is_read(&url, bad[i])) fail_msg("%s", bad[i]);
    }
    memset(text, 'a', sizeof text);
    memcpy(text, "https://a/", 10);
    text[CSIGD_URL_MAX] = '\0';
    assert_false(csigd_url_is_read(&url, text));
    text[CSIGD_URL_MAX - 1] = '\0';
    assert_true(csigd_url_is_read(&url, text));
}

typedef struct sockaddr_storage storage;

static const struct sockaddr *address(storage *s, const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    memset(s, 0, sizeof *s);
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(s, &v4, sizeof v4);
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
        memcpy(s, &v6, sizeof v6);
    }
    return (const struct sockaddr *)s;
}

static void some_addresses_are_not_called(void **state)
{
    static const struct {
        const char *text;
        bool loopback, odd;
    } known[] = {
        {"127.0.0.1", true, false},
        {"127.255.255.255", true, false},
        {"::1", true, false},
        {"8.8.8.8", false, false},
        {"10.0.0.1", false, false},
        {"192.168.1.1", false, false},
        {"169.253.255.255", false, false},
        {"169.254.169.254", false, true},
        {"169.255.0.0", false, false},
        {"0.0.0.0", false, true},
        {"0.1.2.3", false, true},
        {"100.100.100.200", false, true},
        {"100.100.100.201", false, false},
        {"192.0.0.192", false, true},
        {"168.63.129.16", false, true},
        {"223.255.255.255", false, false},
        {"224.0.0.1", false, true},
        {"255.255.255.255", false, true},
        {"2001:db8::1", false, false},
        {"fd00::1", false, false},
        {"fd00:ec2::254", false, true},
        {"fe80::1", false, true},
        {"febf::1", false, true},
        {"ff02::1", false, true},
        {"::", false, true},
        {"::ffff:169.254.169.254", false, true},
        {"::ffff:8.8.8.8", false, false},
        {"::169.254.169.254", false, true},
        {"64:ff9b::a9fe:a9fe", false, true},
        {"64:ff9b::808:808", false, false},
        {"2002:a9fe:a9fe::1", false, true},
        {"2002:808:808::1", false, false},
    };
    storage s;

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (csigd_address_is_loopback(address(&s, known[i].text)) != known[i].loopback ||
            csigd_address_is_odd(address(&s, known[i].text)) != known[i].odd)
            fail_msg("%s", known[i].text);
    }
    s = (storage){.ss_family = AF_UNIX};
    assert_true(csigd_address_is_odd((const struct sockaddr *)&s));
    assert_false(csigd_address_is_loopback((const struct sockaddr *)&s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(odd_urls_are_refused),
        cmocka_unit_test(some_addresses_are_not_called),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
