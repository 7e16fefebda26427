// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.enrich;

import dev.tcpstates.agent.cli.view.Frame;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedObject;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import org.openjdk.jmc.flightrecorder.writer.api.Type;
import org.openjdk.jmc.flightrecorder.writer.api.TypedValue;
import org.openjdk.jmc.flightrecorder.writer.api.TypedValueBuilder;

/** Converts a recording's values to the writer's. */
final class Values {
  /** In JFR, of a time or time span that has no value. */
  private static final long NOT_AVAILABLE = Long.MIN_VALUE;

  private final Types types;

  /** Java's reader has one object for a value that many events share. */
  private final Map<RecordedObject, TypedValue> shared = new IdentityHashMap<>();

  private final Map<List<String>, TypedValue> stacks = new HashMap<>();

  Values(Types types) {
    this.types = types;
  }

  /** Returns the converted value; null for null, and for an empty stack. */
  TypedValue of(RecordedObject object) {
    if (object == null) {
      return null;
    }
    String type = typeName(object);
    if (type == null) {
      return null;
    }
    TypedValue known = shared.get(object);
    if (known == null) {
      known = make(types.of(type), object);
      shared.put(object, known);
    }
    return known;
  }

  /** Returns the type of an object whose Java class determines it; null for others. */
  private static String typeName(RecordedObject object) {
    if (object instanceof RecordedStackTrace trace) {
      return trace.getFrames().isEmpty() ? null : Types.STACK_TRACE;
    }
    if (object instanceof RecordedThread) {
      return Types.THREAD;
    }
    if (object instanceof RecordedFrame) {
      return Types.STACK_FRAME;
    }
    if (object instanceof RecordedMethod) {
      return Types.METHOD;
    }
    return object instanceof RecordedClass ? Types.CLASS : null;
  }

  private TypedValue make(Type type, RecordedObject object) {
    return type.asValue(fields -> putFields(fields, object, List.of()));
  }

  /** Puts an object's fields, except some. */
  void putFields(TypedValueBuilder fields, RecordedObject object, Collection<String> except) {
    for (ValueDescriptor field : object.getFields()) {
      if (!except.contains(field.getName())) {
        put(fields, object, field);
      }
    }
  }

  private void put(TypedValueBuilder fields, RecordedObject object, ValueDescriptor field) {
    String name = field.getName();
    Object value = object.getValue(name);
    if (value instanceof Long) {
      fields.putField(name, number(object, field));
    } else if (value instanceof String text) {
      fields.putField(name, text);
    } else if (value instanceof Integer number) {
      fields.putField(name, number);
    } else if (value instanceof Boolean flag) {
      fields.putField(name, flag);
    } else if (value instanceof Short number) {
      fields.putField(name, number);
    } else if (value instanceof Byte number) {
      fields.putField(name, number);
    } else if (value instanceof Character character) {
      fields.putField(name, character);
    } else if (value instanceof Float number) {
      fields.putField(name, number);
    } else if (value instanceof Double number) {
      fields.putField(name, number);
    } else if (value instanceof RecordedObject inner) {
      TypedValue copied =
          typeName(inner) == null && !(inner instanceof RecordedStackTrace)
              ? make(types.of(field.getTypeName()), inner)
              : of(inner);
      if (copied != null) {
        fields.putField(name, copied);
      }
    } else if (value instanceof Object[] array) {
      Type type = types.of(field.getTypeName());
      TypedValue[] copied = new TypedValue[array.length];
      for (int i = 0; i < array.length; i++) {
        RecordedObject inner = (RecordedObject) array[i];
        copied[i] = typeName(inner) == null ? make(type, inner) : of(inner);
      }
      fields.putField(name, copied);
    }
  }

  /** Converts a number in ticks to the copy's ticks. */
  private static long number(RecordedObject object, ValueDescriptor field) {
    if (Types.isTimeInTicks(field)) {
      return ChunkCopy.nanos(object.getInstant(field.getName()));
    }
    long number = object.getLong(field.getName());
    return Types.isSpanInTicks(field) && number != NOT_AVAILABLE
        ? object.getDuration(field.getName()).toNanos()
        : number;
  }

  /** Returns a thread of which only the id and the name are known. */
  TypedValue thread(long id, String name) {
    return types
        .of(Types.THREAD)
        .asValue(fields -> fields.putField("javaName", name).putField("javaThreadId", id));
  }

  /** Converts a stack of the agent, the innermost frame first. */
  TypedValue stack(List<String> frames) {
    return stacks.computeIfAbsent(
        frames,
        texts ->
            types
                .of(Types.STACK_TRACE)
                .asValue(
                    fields ->
                        fields
                            .putField("truncated", false)
                            .putField(
                                "frames",
                                texts.stream().map(this::frame).toArray(TypedValue[]::new))));
  }

  private TypedValue frame(String text) {
    Frame frame = Frame.of(text);
    TypedValue method =
        types
            .of(Types.METHOD)
            .asValue(
                fields ->
                    fields
                        .putField("type", type(frame.type()))
                        .putField("name", frame.method())
                        // Unknown, but JMC requires one.
                        .putField("descriptor", "()V"));
    return types
        .of(Types.STACK_FRAME)
        .asValue(
            fields ->
                fields
                    .putField("method", method)
                    .putField("lineNumber", frame.line())
                    .putField("bytecodeIndex", -1)
                    .putField("type", frame.isNative() ? "Native" : "Unknown"));
  }

  private TypedValue type(String name) {
    int dot = name.lastIndexOf('.');
    return types
        .of(Types.CLASS)
        .asValue(
            fields -> {
              fields.putField("name", name.replace('/', '+').replace('.', '/'));
              if (dot > 0) {
                fields.putField(
                    "package",
                    inner -> inner.putField("name", name.substring(0, dot).replace('.', '/')));
              }
            });
  }
}
