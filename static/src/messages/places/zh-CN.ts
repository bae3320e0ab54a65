import type { Messages } from "../en";

export const places: Messages["places"] = {
  mine: "我的任务",
  help: "帮助",
  doctor: "检查此实例",
  overview: "总览",
  openTasks: (n) => `${n} 个未完成的任务`,
  buckets: { late: "已逾期", today: "今天", week: "本周", later: "以后", undated: "无日期" },
  nothingMine: "没有分配给你的任务。一旦有，会从所有项目汇集到这里，按截止日期排列。",
  toOverview: "前往总览",
  tick: (ref, state) => `${ref}：移到“${state}”`,
  saidMine: (who, ref, title) => `${who} 把 ${ref} 分配给了你，${title}`,

  toDo: "待办",
  doing: "进行中",
  late: "已逾期",
  toDoWord: () => "待办",
  doingWord: () => "进行中",
  doneWord: () => "已完成",
  lateWord: (n) => `${n} 个逾期`,
  mineWord: (n) => `${n} 个是我的`,
  week: "本周完成",
  weekMore: (delta) => `${delta}，与前几周均值相比`,
  cycle: "周期（85%）",
  doneBy: "预计全部完成",
  active: (who, when) => `${who}，${when}`,

  welcome: (name) => (name ? `欢迎，${name}` : "欢迎"),
  firstProject: "新建一个项目",
  demoTitle: "先随便看看",
  demoAbout: "一个属于你的项目，里面有一个小团队几周来的经过。其他成员是虚构的；随时可以删除。",
  makeDemo: "创建演示项目",

  import: "导入",
  importTitle: "导入 Trello 看板",
};
