// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.session;

import dev.tcpstates.agent.kernel.libbpf.BpfException;
import dev.tcpstates.agent.kernel.libbpf.Errno;
import dev.tcpstates.agent.kernel.libbpf.LibBpf;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.CallFailed;
import dev.tcpstates.agent.kernel.libbpf.LibBpf.LoadedObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Loads the BPF object with all that this kernel takes of it. The kernel takes or refuses an object
 * as a whole. So where it refuses, the core is loaded by itself, and then each extra, as an object
 * of its own that uses the core's maps: whatever the reason is, only what is refused is missing.
 */
final class ProgramLoader {
  /** The program without which nothing is recorded. */
  static final String CORE = "tcp_state";

  /** How often an object is loaded at most if that is interrupted; libbpf itself tries 5 times. */
  private static final int ATTEMPTS = 5;

  private static final String OBJECT = "/dev/tcpstates/bpf/tcpstates.bpf.o";

  /**
   * What an object has.
   *
   * @param core the programs of the core
   * @param maps the maps, which all programs share
   */
  record Content(List<String> core, List<String> maps, Sizing sizing) {}

  /** Sets the sizes of an object's maps. */
  interface Sizing {
    void apply(LoadedObject object) throws CallFailed;
  }

  private final LibBpf lib;
  private final ByteBuffer image;
  private final Content content;
  private final Set<Extra> extras;
  private final Map<Extra, CallFailed> refused = new EnumMap<>(Extra.class);

  /**
   * @param extras those that this kernel has a place for
   */
  ProgramLoader(LibBpf lib, ByteBuffer image, Content content, Set<Extra> extras) {
    this.lib = lib;
    this.image = image;
    this.content = content;
    this.extras = extras;
  }

  /** For the programs that serve one JVM, and a ring of so many bytes. */
  static ProgramLoader own(LibBpf lib, ByteBuffer image, int ringSize, Set<Extra> extras) {
    return new ProgramLoader(
        lib,
        image,
        new Content(
            List.of(CORE),
            List.of("sockets", "records", "control", "counters", "ports"),
            object -> {
              object.setMaxEntries("records", ringSize);
              object.setMaxEntries("counters", lib.possibleCpus());
            }),
        extras);
  }

  /**
   * Returns the BPF object in the agent's jar that serves one JVM.
   *
   * @throws BpfException if it can't be read
   */
  static ByteBuffer image() throws BpfException {
    return image(OBJECT);
  }

  /**
   * Returns a BPF object in the agent's jar.
   *
   * @throws BpfException if it can't be read
   */
  static ByteBuffer image(String name) throws BpfException {
    try (InputStream in = ProgramLoader.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new BpfException("the agent's jar holds no BPF object; fetch or build it again");
      }
      byte[] bytes = in.readAllBytes();
      return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    } catch (IOException e) {
      throw new BpfException(
          "the BPF object can't be read from the agent's jar (" + e + "); fetch or build it again");
    }
  }

  /**
   * Loads as much as possible.
   *
   * @throws CallFailed if the core is refused
   */
  Programs load() throws CallFailed {
    try {
      return new Programs(loadCore(extras));
    } catch (CallFailed e) {
      if (extras.isEmpty()) {
        throw e;
      }
    }
    Programs programs = new Programs(loadCore(Set.of()));
    for (Extra extra : extras) {
      try {
        programs.add(loadExtra(extra, programs), extra.programs);
      } catch (CallFailed e) {
        refused.put(extra, e);
      }
    }
    return programs;
  }

  /** The extras that the kernel did not take, and why. */
  Map<Extra, CallFailed> refused() {
    return refused;
  }

  private LoadedObject loadCore(Set<Extra> with) throws CallFailed {
    return load(null, with, "the BPF programs");
  }

  private LoadedObject loadExtra(Extra extra, Programs programs) throws CallFailed {
    return load(programs, EnumSet.of(extra), "BPF program " + extra.programs.get(0));
  }

  /**
   * @param owner whose maps are used; {@code null}: the object makes them, and has the core too
   */
  private LoadedObject load(Programs owner, Set<Extra> with, String what) throws CallFailed {
    for (int attempt = 1; ; attempt++) {
      LoadedObject object = open(owner == null, with);
      try {
        if (owner == null) {
          content.sizing().apply(object);
        } else {
          for (String map : content.maps()) {
            object.useMap(map, owner.mapFd(map));
          }
        }
        object.load(what);
        return object;
      } catch (CallFailed e) {
        object.close();
        if (e.errno != Errno.EAGAIN || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private LoadedObject open(boolean core, Set<Extra> with) throws CallFailed {
    List<String> wanted = new ArrayList<>();
    List<String> others = new ArrayList<>();
    (core ? wanted : others).addAll(content.core());
    for (Extra extra : Extra.values()) {
      (with.contains(extra) ? wanted : others).addAll(extra.programs);
    }
    LoadedObject object = lib.open(image, wanted.toArray(String[]::new));
    try {
      for (String program : others) {
        object.leaveOut(program);
      }
      return object;
    } catch (CallFailed e) {
      object.close();
      throw e;
    }
  }

  /** The objects that were loaded, as if they were one. Not thread-safe. */
  static final class Programs {
    private final LoadedObject core;
    private final List<LoadedObject> others = new ArrayList<>();
    private final Map<String, LoadedObject> owners = new HashMap<>();

    Programs(LoadedObject core) {
      this.core = core;
    }

    private void add(LoadedObject object, List<String> programs) {
      others.add(object);
      programs.forEach(program -> owners.put(program, object));
    }

    /** The object that a program was loaded with. */
    LoadedObject of(String program) {
      return owners.getOrDefault(program, core);
    }

    /** The descriptor of a map; all objects use the same maps. */
    int mapFd(String map) throws CallFailed {
      return core.mapFd(map);
    }

    /** Closes the descriptors that nobody needs once all is attached and mapped. */
    void releaseDescriptors() {
      objects().forEach(LoadedObject::releaseDescriptors);
    }

    void close() {
      objects().forEach(LoadedObject::close);
    }

    private Stream<LoadedObject> objects() {
      return Stream.concat(others.stream(), Stream.of(core));
    }
  }
}
