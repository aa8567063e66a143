import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PROJECTS_KEY, readProjects, useProject } from "@/shared/project";
import classes from "./app.module.css";

/** The project that is looked at; another one is opened at its home. */
export function ProjectChoice() {
  const { t } = useTranslation("app");
  const current = useProject();
  const navigate = useNavigate();
  const { data = [] } = useQuery({ queryKey: PROJECTS_KEY, queryFn: readProjects });
  const known = data.map((project) => ({
    value: project.name,
    label: project.name,
  }));
  const titles = new Map(data.map((project) => [project.name, project.title]));
  const isKnown = current === null || known.some((one) => one.value === current);
  return (
    <Select
      className={classes["project"] ?? ""}
      aria-label={t("project")}
      data={isKnown ? known : [{ value: current, label: current }, ...known]}
      value={current}
      searchable={known.length > 8}
      allowDeselect={false}
      renderOption={({ option }) => (
        <span className="cut">
          {option.label}
          <span className="faint"> {titles.get(option.value)}</span>
        </span>
      )}
      comboboxProps={{ width: 260, position: "bottom-start" }}
      onChange={(project) => {
        if (project !== null) void navigate({ to: "/projects/$project", params: { project } });
      }}
    />
  );
}
