// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.enrich;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.AnnotationElement;
import jdk.jfr.EventType;
import jdk.jfr.Timespan;
import jdk.jfr.Timestamp;
import jdk.jfr.ValueDescriptor;
import org.openjdk.jmc.flightrecorder.writer.api.AnnotatedElementBuilder;
import org.openjdk.jmc.flightrecorder.writer.api.Annotation;
import org.openjdk.jmc.flightrecorder.writer.api.Type;
import org.openjdk.jmc.flightrecorder.writer.api.TypeStructureBuilder;

/** Converts a recording's types to the writer's. Each is registered at its first use. */
final class Types {
  /** The fields that events have without declaring them. */
  static final List<String> IMPLICIT =
      List.of("startTime", "duration", "eventThread", "stackTrace");

  static final String THREAD = "java.lang.Thread";
  static final String STACK_TRACE = "jdk.types.StackTrace";
  static final String STACK_FRAME = "jdk.types.StackFrame";
  static final String METHOD = "jdk.types.Method";
  static final String CLASS = "java.lang.Class";
  static final String PACKAGE = "jdk.types.Package";

  private static final Set<String> BUILTIN =
      Set.of(
          "boolean", "byte", "char", "short", "int", "long", "float", "double", "java.lang.String");
  private static final String EVENT = "jdk.jfr.Event";
  private static final String TICKS = "TICKS";

  private final org.openjdk.jmc.flightrecorder.writer.api.Types types;
  private final Map<Long, Type> events = new HashMap<>();
  private final Set<String> begun = new HashSet<>();

  private final EventTypes known;

  /**
   * @param known the types that must come first; the types of this chunk are added
   */
  Types(org.openjdk.jmc.flightrecorder.writer.api.Types types, EventTypes known) {
    this.types = types;
    this.known = known;
    known.all().forEach(this::register);
  }

  /** Returns a type that an event's field has registered. */
  Type of(String name) {
    return types.getType(name);
  }

  Type event(EventType event) {
    return events.computeIfAbsent(
        event.getId(),
        id -> {
          known.add(event);
          return register(event);
        });
  }

  private Type register(EventType event) {
    return types.getOrAdd(
        event.getName(),
        EVENT,
        type -> {
          event.getFields().forEach(field -> addField(type, field));
          annotate(type, event.getAnnotationElements());
        });
  }

  private void addField(TypeStructureBuilder type, ValueDescriptor field) {
    type.addField(
        field.getName(),
        type(field),
        built -> {
          if (field.isArray()) {
            built.asArray();
          }
          annotate(built, field.getAnnotationElements());
        });
  }

  private Type type(ValueDescriptor field) {
    String name = field.getTypeName();
    if (BUILTIN.contains(name) || !begun.add(name)) {
      // A type may contain itself through the types of its fields.
      return types.getType(name, true);
    }
    // Java's reader does not support arrays of constants.
    boolean constant = !field.isArray();
    return types.getOrAdd(
        name, null, constant, type -> field.getFields().forEach(inner -> addField(type, inner)));
  }

  private void annotate(AnnotatedElementBuilder<?> built, List<AnnotationElement> annotations) {
    for (AnnotationElement annotation : annotations) {
      Type type = annotation(annotation);
      Object value = annotation.hasValue("value") ? annotation.getValue("value") : null;
      if (value instanceof String text) {
        built.addAnnotation(type, text);
      } else if (value instanceof String[] texts) {
        built.addAnnotation(type, fields -> fields.putField("value", texts));
      } else if (value == null) {
        built.addAnnotation(type);
      }
    }
  }

  private Type annotation(AnnotationElement annotation) {
    return types.getOrAdd(
        annotation.getTypeName(),
        Annotation.ANNOTATION_SUPER_TYPE_NAME,
        type -> {
          for (ValueDescriptor field : annotation.getValueDescriptors()) {
            type.addField(
                field.getName(),
                types.getType(field.getTypeName()),
                built -> {
                  if (field.isArray()) {
                    built.asArray();
                  }
                });
          }
          annotate(type, annotation.getAnnotationElements());
        });
  }

  /** Whether a field counts the ticks of its recording, which are not those of the copy. */
  static boolean isTimeInTicks(ValueDescriptor field) {
    Timestamp time = field.getAnnotation(Timestamp.class);
    return time != null && TICKS.equals(time.value());
  }

  static boolean isSpanInTicks(ValueDescriptor field) {
    Timespan span = field.getAnnotation(Timespan.class);
    return span != null && TICKS.equals(span.value());
  }
}
