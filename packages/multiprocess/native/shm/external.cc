// Node-API has external ArrayBuffers as well, but these cannot be transferred, count as memory of the program, and that one
// is free is only said in a turn of the event loop, which a thread that blocks never takes. So the functions of V8
// are called that Node's own bindings are made of. They are the same in Node 22 to 26, but no stable ABI: `weak`, because they
// may not be there.
#include "shm/external.h"

#include <memory>

#define V8_FUNCTION __attribute__((weak, visibility("default")))

namespace v8 {

class Isolate {
 public:
  V8_FUNCTION static Isolate* GetCurrent();
};

class BackingStore {
 public:
  V8_FUNCTION ~BackingStore();
  V8_FUNCTION static void EmptyDeleter(void* data, size_t length, void* argument);
};

template <class T>
struct Local {
  napi_value value;  // as Node-API has it
};

class ArrayBuffer {
 public:
  using Deleter = void (*)(void* data, size_t length, void* argument);
  V8_FUNCTION static std::unique_ptr<BackingStore> NewBackingStore(void* data, size_t length, Deleter deleter, void* argument);
  V8_FUNCTION static Local<ArrayBuffer> New(Isolate* isolate, std::shared_ptr<BackingStore> memory);
};

}  // namespace v8

namespace mp {

napi_value externalBuffer(void* data, size_t length, std::function<void()> end) {
  bool isPossible = &v8::Isolate::GetCurrent && &v8::BackingStore::EmptyDeleter && &v8::ArrayBuffer::NewBackingStore && &v8::ArrayBuffer::New;
  if (!isPossible) return nullptr;
  // V8 counts what a deleter of its own frees. All who use the memory share one pointer, which has a deleter, too.
  auto memory = v8::ArrayBuffer::NewBackingStore(data, length, v8::BackingStore::EmptyDeleter, nullptr);
  std::shared_ptr<v8::BackingStore> shared(memory.release(), [end = std::move(end)](v8::BackingStore* unused) {
    delete unused;
    if (end) end();
  });
  return v8::ArrayBuffer::New(v8::Isolate::GetCurrent(), std::move(shared)).value;
}

}  // namespace mp
