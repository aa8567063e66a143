import classes from "./templates.module.css";

/** Labels of a template, as name and value. */
export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  return Object.entries(labels).map(([name, value]) => (
    <span key={name} className={classes["label"]}>
      {name}:{value}
    </span>
  ));
}
