// SPDX-License-Identifier: Apache-2.0
// Types of nearly every kind and one value of each shape, for the tests of BTF and of what reads by it. Two sections of
// the object are kept: .BTF as BtfFuzzTestInputs/little.btf and .data as little.data, and with -target bpfeb big.btf and
// big.data. Made by clang 14, in this folder:
//   clang -target bpfel -O2 -g -ffile-prefix-map=$PWD=. -c fixture.bpf.c -o /tmp/fixture.o
//   llvm-objcopy --dump-section .BTF=BtfFuzzTestInputs/little.btf --dump-section .data=little.data /tmp/fixture.o /dev/null

typedef signed char s8;
typedef unsigned char u8;
typedef short s16;
typedef unsigned short u16;
typedef int s32;
typedef unsigned int u32;
typedef long long s64;
typedef unsigned long long u64;

enum state { IDLE, RUNNING = 7, DEAD = 0x7fffffff };
enum level { LOW = -5, HIGH = 5 };
enum tiny { TINY_A, TINY_B } __attribute__((packed));

struct text {
    u16 off;
    u16 len;
};

struct point {
    s32 x;
    s32 y;
};

union address {
    u32 v4;
    u8 v6[16];
};

struct declared_only;

struct event {
    s8 min8;
    u8 max8;
    s16 min16;
    u16 max16;
    s32 min32;
    u32 max32;
    s64 min64;
    u64 max64;
    _Bool yes;
    char letter;
    enum state state;
    enum level level;
    enum tiny tiny;
    const volatile u32 *pointer;
    int (*callback)(int, char *);
    struct declared_only *restrict opaque;
    float single;
    double twice;
    char comm[16];
    u8 full[4];
    char argv[3][8];
    u64 slots[4];
    s16 pair[2];
    u32 : 3;
    u32 bits_low : 3;
    s32 bits_signed : 5;
    u64 bits_wide : 40;
    _Bool bit : 1;
    enum level bits_level : 4;
    struct point where;
    struct {
        u32 inner_a;
        union {
            u32 inner_b;
            u8 inner_bytes[4];
        };
    };
    struct {
        struct point deep;
    } named;
    union address address;
    struct text path;
    struct text empty;
    __int128 huge;
    char flexible[];
};

struct event event = {
    .min8 = -128,
    .max8 = 255,
    .min16 = -32768,
    .max16 = 65535,
    .min32 = -2147483647 - 1,
    .max32 = 4294967295U,
    .min64 = -9223372036854775807LL - 1,
    .max64 = 18446744073709551615ULL,
    .yes = 1,
    .letter = 'j',
    .state = DEAD,
    .level = LOW,
    .tiny = TINY_B,
    .pointer = (const volatile u32 *)0xffff888012345678ULL,
    .single = 1.5f,
    .comm = "opensnoop",
    .full = {'f', 'u', 'l', 'l'},
    .argv = {"ls", "-l", "/var/lib"},
    .slots = {1, 2, 18446744073709551615ULL, 4},
    .pair = {-1, 300},
    .bits_low = 5,
    .bits_signed = -11,
    .bits_wide = 0xfedcba9876ULL,
    .bit = 1,
    .bits_level = -5,
    .where = {-7, 8},
    .inner_a = 0x11223344,
    .inner_b = 0x55667788,
    .named = {.deep = {9, -10}},
    .address = {.v6 = {32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    .path = {.off = 0, .len = 3},
};

typedef struct {
    u32 pid;
    char comm[16];
    u64 start_ns;
} key_t;

key_t *unused_key;

struct __attribute__((packed)) crowded {
    u8 first;
    u32 second;
    u64 bits : 63;
};

struct crowded *unused_crowded;

const volatile u32 target_pid = 0;
const volatile _Bool failed_only = 0;

struct node {
    struct node *next;
    int value __attribute__((btf_decl_tag("counted")));
    int __attribute__((btf_type_tag("user"))) * user_pointer;
};

struct node *unused_node;

__attribute__((noinline)) static int helper(struct node *node, int n) {
    return node->value + n;
}

__attribute__((section("tracepoint/syscalls/sys_enter_openat"))) int trace_open(struct node *context) {
    return helper(context, target_pid) + failed_only;
}

char gpl[] __attribute__((section("license"))) = "GPL";
