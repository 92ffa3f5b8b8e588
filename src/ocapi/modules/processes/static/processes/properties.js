// What the properties panel reads from an element of the drawing and writes back to it. No screen of its own.
"use strict";

window.ocapiProperties = (modeler) => {
  const modeling = modeler.get("modeling");
  const factory = modeler.get("bpmnFactory");
  const CONNECTOR = "urn:ocapi:connector:";
  const DECISION = "urn:ocapi:decision:";
  const EVENTS = /Event$/;
  const of = (element) => element.businessObject;
  const is = (element, ...types) => types.some((type) => of(element).$instanceOf(`bpmn:${type}`));
  const made = (type, values, parent) => {
    const found = factory.create(`bpmn:${type}`, values);
    if (parent) found.$parent = parent;
    return found;
  };
  const update = (element, values) => modeling.updateProperties(element, values);
  const inside = (element, part, values) => modeling.updateModdleProperties(element, part, values);
  const definition = (element, kind) =>
    (of(element).eventDefinitions || []).find((each) => each.$type === `bpmn:${kind}EventDefinition`);
  const root = (element) => {
    let found = of(element);
    while (found.$parent) found = found.$parent;
    return found;
  };
  // Messages, signals and errors stand beside the process and are shared by name.
  const shared = (element, type, field, name, more = {}) => {
    if (!name) return undefined;
    const all = root(element).rootElements;
    let found = all.find((each) => each.$type === `bpmn:${type}` && each[field] === name);
    if (!found) {
      found = made(type, { [field]: name, ...more }, root(element));
      all.push(found);
    }
    return found;
  };
  const expression = (text, parent) => (text ? made("FormalExpression", { body: text }, parent) : undefined);

  // Which parts of the panel an element has.
  const groups = (element) => {
    const found = new Set(["all"]);
    if (is(element, "Process", "Participant")) found.add("process");
    if (is(element, "UserTask", "ManualTask")) found.add("human");
    if (is(element, "UserTask")) ["user", "shown"].forEach((each) => found.add(each));
    if (is(element, "ServiceTask", "SendTask")) found.add("call");
    if (is(element, "BusinessRuleTask")) ["rule", "io", "result"].forEach((each) => found.add(each));
    if (is(element, "ScriptTask")) ["script", "result"].forEach((each) => found.add(each));
    if (is(element, "CallActivity")) ["called", "io"].forEach((each) => found.add(each));
    if (is(element, "UserTask", "ServiceTask", "SendTask", "BusinessRuleTask", "CallActivity")) found.add("outputs");
    if (is(element, "Event")) {
      if (definition(element, "Timer")) found.add("timer");
      if (definition(element, "Message")) found.add("message");
      if (definition(element, "Signal")) found.add("signal");
      if (definition(element, "Error")) found.add("error");
    }
    if (is(element, "ReceiveTask")) found.add("message");
    if (is(element, "EndEvent") && (of(element).eventDefinitions || []).every((each) => each.$type === "bpmn:TerminateEventDefinition")) found.add("end");
    if (is(element, "BoundaryEvent") && !definition(element, "Error")) found.add("edge");
    if (is(element, "SequenceFlow") && of(element).sourceRef?.$instanceOf("bpmn:Gateway")) found.add("condition");
    if (is(element, "SequenceFlow") && of(element).sourceRef?.$instanceOf("bpmn:Activity")) found.add("condition");
    if (is(element, "Activity") && !of(element).triggeredByEvent) {
      found.add("loop");
      const kind = read(element, "loopKind");
      if (kind) found.add("repeated");
      if (kind && kind !== "standard") found.add("many");
    }
    return found;
  };

  const rows = (associations) =>
    (associations || []).flatMap((each) => (each.assignment || []).map((one) => [one.to?.body || "", one.from?.body || ""]));
  const asText = (associations) => rows(associations).map(([to, from]) => `${to} = ${from}`).join("\n");
  const parsed = (text) =>
    text.split("\n").map((line) => line.match(/^\s*([^=]+?)\s*=\s*(.+?)\s*$/)).filter(Boolean).map((found) => [found[1], found[2]]);
  const associations = (element, type, pairs) =>
    pairs.filter(([to, from]) => to && from).map(([to, from]) => {
      const link = made(type, {}, of(element));
      const one = made("Assignment", {}, link);
      one.from = expression(from, one);
      one.to = expression(to, one);
      link.assignment = [one];
      return link;
    });
  const process = (element) => (is(element, "Participant") ? of(element).processRef : of(element));
  const loop = (element) => of(element).loopCharacteristics;

  const readers = {
    name: (element) => (is(element, "TextAnnotation") ? of(element).text : of(element).name) || "",
    processId: (element) => process(element)?.id || "",
    isExecutable: (element) => Boolean(process(element)?.isExecutable),
    candidateGroups: (element) => of(element).get("ocapi:candidateGroups") || "",
    assignee: (element) => of(element).get("ocapi:assignee") || "",
    formKey: (element) => of(element).get("ocapi:formKey") || "",
    due: (element) => of(element).get("ocapi:due") || "",
    resultVariable: (element) => of(element).get("ocapi:resultVariable") || "",
    connector: (element) => ((of(element).implementation || "").startsWith(CONNECTOR) ? of(element).implementation.slice(CONNECTOR.length) : ""),
    decision: (element) => ((of(element).implementation || "").startsWith(DECISION) ? of(element).implementation.slice(DECISION.length) : ""),
    inputs: (element) => asText(of(element).dataInputAssociations),
    outputs: (element) => asText(of(element).dataOutputAssociations),
    shown: (element) => asText(of(element).dataInputAssociations),
    script: (element) => of(element).script || "",
    calledElement: (element) => of(element).calledElement || "",
    timerKind: (element) => ["timeDate", "timeDuration", "timeCycle"].find((kind) => definition(element, "Timer")?.[kind]) || "timeDuration",
    timerValue: (element) => {
      const timer = definition(element, "Timer");
      return (timer?.timeDate || timer?.timeDuration || timer?.timeCycle)?.body || "";
    },
    messageName: (element) => (definition(element, "Message") || of(element)).messageRef?.name || "",
    correlationKey: (element) => of(element).get("ocapi:correlationKey") || "",
    signalName: (element) => definition(element, "Signal")?.signalRef?.name || "",
    errorCode: (element) => definition(element, "Error")?.errorRef?.errorCode || "",
    condition: (element) => of(element).conditionExpression?.body || "",
    isDefault: (element) => of(element).sourceRef?.default === of(element),
    isTerminating: (element) => Boolean(definition(element, "Terminate")),
    isInterrupting: (element) => of(element).cancelActivity !== false,
    loopKind: (element) => {
      const found = loop(element);
      if (!found) return "";
      if (found.$type === "bpmn:StandardLoopCharacteristics") return "standard";
      return found.isSequential ? "sequential" : "parallel";
    },
    collection: (element) => loop(element)?.loopDataInputRef?.name || loop(element)?.loopDataInputRef?.id || loop(element)?.$ocapiList || "",
    item: (element) => loop(element)?.inputDataItem?.name || "",
    results: (element) => loop(element)?.loopDataOutputRef?.name || loop(element)?.loopDataOutputRef?.id || "",
    result: (element) => loop(element)?.outputDataItem?.name || "",
    loopCondition: (element) => (loop(element)?.loopCondition || loop(element)?.completionCondition)?.body || "",
  };
  const read = (element, property) => readers[property](element);

  const own = (name) => (element, value) => update(element, { [`ocapi:${name}`]: value || undefined });
  const writers = {
    name: (element, value) => (is(element, "TextAnnotation") ? modeling.updateLabel(element, value) : update(element, { name: value || undefined })),
    processId: (element, value) => {
      if (!/^[A-Za-z_][\w.-]*$/.test(value)) return;
      if (is(element, "Participant")) inside(element, process(element), { id: value });
      else update(element, { id: value });
    },
    isExecutable: (element, value) => inside(element, process(element), { isExecutable: value }),
    candidateGroups: own("candidateGroups"),
    assignee: own("assignee"),
    formKey: own("formKey"),
    due: own("due"),
    resultVariable: own("resultVariable"),
    correlationKey: own("correlationKey"),
    connector: (element, value) => update(element, { implementation: value ? CONNECTOR + value : undefined }),
    decision: (element, value) => update(element, { implementation: value ? DECISION + value : undefined }),
    inputs: (element, value) => update(element, { dataInputAssociations: associations(element, "DataInputAssociation", parsed(value)) }),
    shown: (element, value) => writers.inputs(element, value),
    outputs: (element, value) => update(element, { dataOutputAssociations: associations(element, "DataOutputAssociation", parsed(value)) }),
    script: (element, value) => update(element, { script: value || undefined, scriptFormat: value ? "feel" : undefined }),
    calledElement: (element, value) => update(element, { calledElement: value || undefined }),
    timerKind: (element, value) => writeTimer(element, value, read(element, "timerValue")),
    timerValue: (element, value) => writeTimer(element, read(element, "timerKind"), value),
    messageName: (element, value) => {
      const part = definition(element, "Message") || of(element);
      inside(element, part, { messageRef: shared(element, "Message", "name", value) });
    },
    signalName: (element, value) => inside(element, definition(element, "Signal"), { signalRef: shared(element, "Signal", "name", value) }),
    errorCode: (element, value) => inside(element, definition(element, "Error"), { errorRef: shared(element, "Error", "errorCode", value, { name: value }) }),
    condition: (element, value) => update(element, { conditionExpression: expression(value, of(element)) }),
    isDefault: (element, value) => {
      const source = modeler.get("elementRegistry").get(of(element).sourceRef.id);
      update(source, { default: value ? of(element) : undefined });
    },
    isTerminating: (element, value) =>
      update(element, { eventDefinitions: value ? [made("TerminateEventDefinition", {}, of(element))] : [] }),
    isInterrupting: (element, value) => update(element, { cancelActivity: value }),
    loopKind: (element, value) => {
      if (!value) return update(element, { loopCharacteristics: undefined });
      const type = value === "standard" ? "StandardLoopCharacteristics" : "MultiInstanceLoopCharacteristics";
      const found = made(type, value === "standard" ? {} : { isSequential: value === "sequential" }, of(element));
      return update(element, { loopCharacteristics: found });
    },
    collection: (element, value) => inside(element, loop(element), { loopDataInputRef: list(element, value) }),
    results: (element, value) => inside(element, loop(element), { loopDataOutputRef: list(element, value) }),
    result: (element, value) => inside(element, loop(element), { outputDataItem: value ? made("DataOutput", { name: value }, loop(element)) : undefined }),
    item: (element, value) => inside(element, loop(element), { inputDataItem: value ? made("DataInput", { name: value }, loop(element)) : undefined }),
    loopCondition: (element, value) => {
      const field = loop(element).$type === "bpmn:StandardLoopCharacteristics" ? "loopCondition" : "completionCondition";
      inside(element, loop(element), { [field]: expression(value, loop(element)) });
    },
  };
  // A list is a data object of the process, so that every modeller reads it.
  const list = (element, name) => {
    if (!name) return undefined;
    const container = of(element).$parent;
    const elements = container.flowElements;
    let data = elements.find((each) => each.$type === "bpmn:DataObject" && (each.name === name || each.id === name));
    if (!data) {
      data = made("DataObject", { name, isCollection: true }, container);
      elements.push(data);
    }
    return data;
  };
  const writeTimer = (element, kind, value) => {
    const timer = definition(element, "Timer");
    const times = { timeDate: undefined, timeDuration: undefined, timeCycle: undefined };
    inside(element, timer, { ...times, [kind]: expression(value, timer) });
  };

  return {
    groups,
    read,
    coupling: (name) => CONNECTOR + name,
    kind: (element) => {
      const name = of(element).$type.replace("bpmn:", "");
      return name === "SubProcess" && of(element).triggeredByEvent ? "eventSubProcess" : name[0].toLowerCase() + name.slice(1);
    },
    write: (element, property, value) => writers[property](element, value),
    inputs: (element) => Object.fromEntries(rows(of(element).dataInputAssociations)),
    writeInputs: (element, pairs) => update(element, { dataInputAssociations: associations(element, "DataInputAssociation", pairs) }),
    isEvent: (element) => EVENTS.test(of(element).$type),
  };
};
