// The functions behind the interposed ones.
//
// Another library may call before our constructor has run: each pointer starts at a resolver that replaces it.
#pragma once

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

namespace mp::shim {

using Start = void* (*)(void*);

// RTLD_NEXT alone may find the condition variables of glibc before 2.3.2, which have another layout.
inline void* next(const char* name) {
#ifdef __GLIBC__
  for (const char* version : {"GLIBC_2.3.2", "GLIBC_2.17"})
    if (void* found = dlvsym(RTLD_NEXT, name, version)) return found;
#endif
  return dlsym(RTLD_NEXT, name);
}

inline int first_create(pthread_t*, const pthread_attr_t*, Start, void*);
inline int first_wait(pthread_cond_t*, pthread_mutex_t*);
inline int first_signal(pthread_cond_t*);
inline int first_broadcast(pthread_cond_t*);
inline long first_syscall(long, long, long, long, long, long, long);

inline constinit auto* real_create = first_create;
inline constinit auto* real_wait = first_wait;
inline constinit auto* real_signal = first_signal;
inline constinit auto* real_broadcast = first_broadcast;
inline constinit auto* real_syscall = first_syscall;

template <class F>
void resolve(F*& real, const char* name) {
  real = reinterpret_cast<F*>(next(name));
  if (real == nullptr) abort();
}

inline int first_create(pthread_t* thread, const pthread_attr_t* attr, Start start, void* arg) {
  resolve(real_create, "pthread_create");
  return real_create(thread, attr, start, arg);
}
inline int first_wait(pthread_cond_t* cond, pthread_mutex_t* mutex) {
  resolve(real_wait, "pthread_cond_wait");
  return real_wait(cond, mutex);
}
inline int first_signal(pthread_cond_t* cond) {
  resolve(real_signal, "pthread_cond_signal");
  return real_signal(cond);
}
inline int first_broadcast(pthread_cond_t* cond) {
  resolve(real_broadcast, "pthread_cond_broadcast");
  return real_broadcast(cond);
}
inline long first_syscall(long number, long a, long b, long c, long d, long e, long f) {
  resolve(real_syscall, "syscall");
  return real_syscall(number, a, b, c, d, e, f);
}

}  // namespace mp::shim
