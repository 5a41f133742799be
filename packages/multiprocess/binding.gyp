{
  "targets": [
    {
      "target_name": "multiprocess",
      "sources": [
        "native/addon.cc",
        "native/descriptor/address.cc",
        "native/descriptor/client.cc",
        "native/descriptor/message.cc",
        "native/shm/allocator.cc",
        "native/shm/cell_exports.cc",
        "native/shm/chunks.cc",
        "native/shm/copies.cc",
        "native/shm/heap.cc",
        "native/shm/owners.cc",
        "native/shm/ranges.cc",
        "native/shm/realm.cc",
        "native/shm/realm_exports.cc",
        "native/shm/references.cc",
        "native/shm/slabs.cc",
        "native/shm/sweep.cc",
        "native/wait/bell.cc",
        "native/wait/exports.cc",
        "native/wait/futex.cc",
        "native/wait/doorbell.cc",
        "native/wait/loop.cc",
        "native/process/exports.cc",
        "native/process/fd_watch.cc",
        "native/process/identity.cc",
        "native/process/publish.cc",
        "native/process/reaper.cc",
        "native/process/spawn.cc",
        "native/process/template_memory.cc",
        "native/process/zygote.cc",
        "native/segment/at_exit.cc",
        "native/segment/end.cc",
        "native/segment/exports.cc",
        "native/segment/keep.cc",
        "native/segment/segment.cc",
        "native/segment/start.cc",
        "native/socket/address.cc",
        "native/socket/socket.cc"
      ],
      "include_dirs": ["native"],
      "defines": ["NAPI_VERSION=9"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"]
    },
    {
      "target_name": "mpkeeper",
      "type": "executable",
      "sources": [
        "native/segment/keeper.cc",
        "native/descriptor/address.cc",
        "native/descriptor/broker.cc",
        "native/descriptor/message.cc",
        "native/segment/end.cc",
        "native/shm/heap.cc",
        "native/socket/address.cc",
        "native/process/identity.cc"
      ],
      "include_dirs": ["native"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "ldflags!": ["-rdynamic"],
      "ldflags": ["-Wl,--as-needed"]
    },
    {
      "target_name": "mpshim",
      "type": "shared_library",
      "product_extension": "so",
      "sources": ["native/shim/dense_heap.cc", "native/shim/shim.cc"],
      "libraries": ["-ldl"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden", "-ftls-model=initial-exec"],
      "ldflags": ["-pthread", "-Wl,--as-needed", "-Wl,-z,now"]
    }
  ]
}
